import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { NotYours } from '../components/states/NotYours.tsx'
import { Broken } from './Broken.tsx'
import { Shell } from './Shell.tsx'
import { catalogSearch, listSearch, packageSearch } from './search.ts'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotYours,
  errorComponent: Broken,
})
const under = () => root

const home = createRoute({
  getParentRoute: under,
  path: '/',
  component: lazyRouteComponent(() => import('../screens/home/Home.tsx'), 'Home'),
})
const catalog = createRoute({
  getParentRoute: under,
  path: '/packages',
  validateSearch: catalogSearch,
  component: lazyRouteComponent(() => import('../screens/catalog/Catalog.tsx'), 'Catalog'),
})
const accessPackage = createRoute({
  getParentRoute: under,
  path: '/packages/$packageId',
  validateSearch: packageSearch,
  component: lazyRouteComponent(() => import('../screens/catalog/Package.tsx'), 'Package'),
})
const requests = createRoute({
  getParentRoute: under,
  path: '/requests',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../screens/requests/Requests.tsx'), 'Requests'),
})
const request = createRoute({
  getParentRoute: under,
  path: '/requests/$requestId',
  component: lazyRouteComponent(() => import('../screens/requests/Request.tsx'), 'Request'),
})
const approvals = createRoute({
  getParentRoute: under,
  path: '/approvals',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../screens/approvals/Approvals.tsx'), 'Approvals'),
})
const decide = createRoute({
  getParentRoute: under,
  path: '/approvals/$requestId',
  component: lazyRouteComponent(() => import('../screens/approvals/Decide.tsx'), 'Decide'),
})
const assignment = createRoute({
  getParentRoute: under,
  path: '/assignments/$assignmentId',
  component: lazyRouteComponent(
    () => import('../screens/assignments/Assignment.tsx'),
    'Assignment',
  ),
})
const extend = createRoute({
  getParentRoute: under,
  path: '/assignments/$assignmentId/extend',
  component: lazyRouteComponent(() => import('../screens/assignments/Extend.tsx'), 'Extend'),
})
const sessions = createRoute({
  getParentRoute: under,
  path: '/settings/sessions',
  component: lazyRouteComponent(() => import('../screens/sessions/Sessions.tsx'), 'Sessions'),
})
const signedOut = createRoute({
  getParentRoute: under,
  path: '/signed-out',
  component: lazyRouteComponent(() => import('../screens/sessions/SignedOut.tsx'), 'SignedOut'),
})
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    catalog,
    accessPackage,
    requests,
    request,
    approvals,
    decide,
    assignment,
    extend,
    sessions,
    signedOut,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
