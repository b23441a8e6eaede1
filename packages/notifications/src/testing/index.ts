export { type SmtpServer, startSmtpServer } from './smtpServer.ts'
